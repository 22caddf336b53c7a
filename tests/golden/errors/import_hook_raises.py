import sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == "trapped":
            raise ImportError("finder refused", name=name)
sys.meta_path.insert(0, Finder())
import trapped
