"""What the examining process runs."""

from __future__ import annotations

#: The name under which it imports the source that it was given.
ROOT = "_jupyter_dlkit_doctor"

#: Its program. One line of JSON comes by standard input: ``cargo``, ``facts``, ``others``,
#: ``only``, ``long``, ``seconds`` (see ``examine.order``). Standard input stays open: when it
#: ends, whoever asked is gone, and the process ends with all that it started. What it says goes
#: to a copy of standard output, which libraries that print cannot spoil.
BOOT = f"""
import sys
if sys.version_info < (3, 9):
    sys.exit("Python %d.%d is older than 3.9, the oldest that can be examined"
             % sys.version_info[:2])
sys.path[:] = [entry for entry in sys.path if entry]
import base64, importlib.util, json, os, zlib
out = os.fdopen(os.dup(1), "wb", 0)
os.dup2(2, 1)
order = json.loads(sys.stdin.buffer.readline().decode("utf-8"))
class Given:
    sources = json.loads(zlib.decompress(base64.b64decode(order["cargo"])).decode("utf-8"))
    @classmethod
    def file(cls, fullname):
        stem = fullname[len("{ROOT}") + 1:].replace(".", "/")
        for name in (stem + "/__init__.py", stem + ".py"):
            if name in cls.sources:
                return name
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname == "{ROOT}":
            return importlib.util.spec_from_loader(fullname, cls, is_package=True)
        name = fullname.startswith("{ROOT}.") and cls.file(fullname)
        if name:
            package = name.endswith("__init__.py")
            return importlib.util.spec_from_loader(fullname, cls, is_package=package)
    @staticmethod
    def create_module(spec):
        return None
    @classmethod
    def exec_module(cls, module):
        name = cls.file(module.__name__)
        if name:
            code = compile(cls.sources[name], "<jupyter_dlkit>/" + name, "exec", dont_inherit=True)
            exec(code, module.__dict__)
    @classmethod
    def get_source(cls, fullname):
        return cls.sources.get(cls.file(fullname) or "")
sys.meta_path.insert(0, Given)
importlib.import_module("{ROOT}.doctor.examined").main(order, out)
os._exit(0)
"""
