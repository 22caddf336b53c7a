import subprocess, sys
subprocess.run(["false"], check=True)
