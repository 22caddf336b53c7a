"""packaging: versions, specifiers, requirements, markers, tags of this interpreter."""
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

versions = ["1.0", "1.0a1", "1.0.post1", "1.0.dev3", "1!0.1", "2.0rc1", "1.10", "1.9"]
assert [str(v) for v in sorted(map(Version, versions))] == ["1.0.dev3", "1.0a1", "1.0", "1.0.post1", "1.9", "1.10", "2.0rc1", "1!0.1"]
assert Version("1.2.3+local").local == "local" and Version("1.0") == Version("1.0.0")
assert "1.5" in SpecifierSet(">=1.0,!=1.3,<2") and "1.3" not in SpecifierSet(">=1.0,!=1.3,<2") and list(SpecifierSet("~=1.4").filter(["1.3", "1.4", "1.9", "2.0"])) == ["1.4", "1.9"]
r = Requirement('requests[security]>=2.8; python_version >= "3.13" and platform_python_implementation == "CPython"')
assert r.name == "requests" and r.extras == {"security"} and r.marker.evaluate() and not Marker("python_version < '3'").evaluate()
assert canonicalize_name("A_b.C") == "a-b-c" and str(parse_wheel_filename("a-1.0-py3-none-any.whl")[1]) == "1.0"
tags = list(map(str, sys_tags()))
assert "py3-none-any" in tags and any(t.startswith("cp313-") for t in tags)
try:
    Version("not a version")
except InvalidVersion:
    pass
