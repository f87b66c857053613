"""Nothing of the user's is called by looking, and nothing of theirs dies on our thread."""

# ruff: noqa: E501  (cells for the kernel, and tables)

from __future__ import annotations

import pytest

from tests.live.kernel import LiveKernel

from .caller import Caller, Onlooker
from .conftest import Probe

#: Classes whose every method notes that it was called.
HOSTILE = r'''
import builtins, collections, functools, sys, torch, numpy
probe = sys.modules["probe"]
called = probe.called
DUNDERS = """__eq__ __ne__ __lt__ __hash__ __len__ __iter__ __next__ __contains__ __getitem__ __bool__
__repr__ __str__ __format__ __bytes__ __dir__ __sizeof__ __index__ __int__ __float__ __call__
__getattr__ __enter__ __await__ __reduce__ __reduce_ex__ __getstate__ __copy__ __deepcopy__
__array__ __array_interface__ __dlpack__ __length_hint__ __reversed__ __missing__ __fspath__ __get__
__set_name__ __instancecheck__ __subclasscheck__ __mro_entries__ __prepare__ __neg__ __add__""".split()

def noting(name, answer=None):
    def method(self, *args, **kwargs):
        called(name)
        return answer
    return method

body = {name: noting(name) for name in DUNDERS}
body["__hash__"] = lambda self: called("__hash__") or object.__hash__(self)
body["__class__"] = property(noting("__class__", int))
body["a_property"] = property(noting("a_property"))

class Descriptor:
    def __get__(self, instance, owner): called("descriptor.__get__")
    def __set__(self, instance, value): called("descriptor.__set__")

class Meta(type):
    def __instancecheck__(cls, other): called("Meta.__instancecheck__"); return True
    def __subclasscheck__(cls, other): called("Meta.__subclasscheck__"); return True
    def __eq__(cls, other): called("Meta.__eq__"); return True
    def __hash__(cls): called("Meta.__hash__"); return 1
    def __getattr__(cls, name): called("Meta.__getattr__"); raise AttributeError
    def __getattribute__(cls, name): called("Meta.__getattribute__"); return type.__getattribute__(cls, name)
    def __repr__(cls): called("Meta.__repr__"); return "?"
    def __call__(cls, *a, **k): called("Meta.__call__"); return type.__call__(cls, *a, **k)
    def __iter__(cls): called("Meta.__iter__"); return iter(())
    def __len__(cls): called("Meta.__len__"); return 0
    def __bool__(cls): called("Meta.__bool__"); return False
    def mro(cls): return type.mro(cls)
    @property
    def __name__(cls): called("Meta.__name__"); return "?"
    @property
    def __module__(cls): called("Meta.__module__"); return "torch"
    @property
    def __mro__(cls): called("Meta.__mro__"); return (object,)
    @property
    def __dict__(cls): called("Meta.__dict__"); return {}

class TensorMeta(Meta, type(torch.Tensor)): pass

def make(name, *bases, **more):
    return (TensorMeta if torch.Tensor in bases else Meta)(name, bases, {**body, "descriptor": Descriptor(), **more})

def getattribute(self, name):
    called("__getattribute__")
    return object.__getattribute__(self, name)

Thing = make("Thing", object, __getattribute__=getattribute)
Lying = make("Lying", object, __dict__=property(noting("__dict__", {"fake": torch.ones(77)})))
Slotted = make("Slotted", object, __slots__=("held", "unset"))
Dict = make("Dict", dict, keys=noting("keys", ()), values=noting("values", ()), items=noting("items", ()),
            get=noting("get"))
List, Tuple, Set = make("List", list), make("Tuple", tuple), make("Set", set)
Frozen, Deque = make("Frozen", frozenset), make("Deque", collections.deque)
Partial = make("Partial", functools.partial)
String, Integer = make("String", str), make("Integer", int)

def torch_function(cls, function, types, args=(), kwargs=None):
    called("__torch_function__")
    return NotImplemented

PROPERTIES = {name: property(noting("tensor." + name)) for name in (
    "shape grad device dtype layout data grad_fn is_leaf requires_grad _version storage untyped_storage numel "
    "dim stride storage_offset is_contiguous is_sparse is_nested is_meta ndim _base __cuda_array_interface__ "
    "size element_size nbytes detach tolist retains_grad is_quantized is_complex is_inference _is_view").split()}
Tensor = make("Tensor", torch.Tensor, __torch_function__=classmethod(torch_function), **PROPERTIES)

def torch_dispatch(cls, function, types, args=(), kwargs=None):
    called("__torch_dispatch__")
    raise RuntimeError

Wrapper = type("Wrapper", (torch.Tensor,), {"__torch_dispatch__": classmethod(torch_dispatch), **PROPERTIES,
    "__torch_function__": classmethod(torch_function)})
ARRAY = {name: property(noting("array." + name)) for name in (
    "shape strides dtype nbytes size ndim base flags itemsize data __array_interface__ T copy").split()}
Array = make("Array", numpy.ndarray, __array_finalize__=noting("__array_finalize__"),
    __array_ufunc__=noting("__array_ufunc__"), __array_function__=noting("__array_function__"), **ARRAY)
Module = make("Module", torch.nn.Module, parameters=noting("parameters"), buffers=noting("buffers"),
    named_parameters=noting("named_parameters"), state_dict=noting("state_dict"), forward=noting("forward"))

def put(target, name, value):
    object.__getattribute__(target, "__dict__")[name] = value

one = torch.ones
thing = object.__new__(Thing); put(thing, "inside", one(1))
lying = object.__new__(Lying)
slotted = object.__new__(Slotted)
type.__dict__["__dict__"].__get__(Slotted)["held"].__set__(slotted, one(3))
a_dict = dict.__new__(Dict); dict.update(a_dict, a=one(4)); dict.__setitem__(a_dict, String("key"), one(5))
dict.__setitem__(a_dict, thing, one(6))
a_list = list.__new__(List); list.append(a_list, one(7)); list.append(a_list, thing)
a_tuple = tuple.__new__(Tuple, (one(8), Integer(3)))
a_set = set.__new__(Set); set.add(a_set, one(9)); set.add(a_set, thing)
a_frozen = frozenset.__new__(Frozen, [one(10)])
a_deque = collections.deque.__new__(Deque); collections.deque.append(a_deque, one(11))
partial = functools.partial.__new__(Partial, print, one(12))
tensor = torch._C.TensorBase.as_subclass(one(13), Tensor)
grown = torch._C.TensorBase.as_subclass(torch.ones(14, requires_grad=True), Tensor)
wrapper = torch.Tensor._make_wrapper_subclass(Wrapper, (15,))
array = numpy.ndarray.__new__(Array, (16,))
module = object.__new__(Module); torch.nn.Module.__init__(module)
object.__getattribute__(module, "__dict__")["_parameters"]["weight"] = torch.nn.Parameter(one(17))
plain = {"thing": thing, "nested": [a_dict, {"x": a_list}], thing: one(18), Thing: one(19)}
method = functools.partial(noting, thing)
generator = (thing for _ in range(3))
del thing
print(probe.CALLS.clear())
'''


@pytest.fixture
def hostile(kernel: LiveKernel, caller: Caller, probe: Probe) -> None:
    """A namespace full of them; what was called until then is forgotten."""
    kernel.run(HOSTILE)
    probe("calls")


def test_listing_calls_nothing(
    hostile: None, kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    assert probe("calls") == []
    listing = caller.list()
    for _ in range(3):
        caller.list(since=listing.revision)
    assert probe("calls") == []
    sizes = {row["shape"][0] for row in listing.rows if row["shape"]}
    assert set(range(1, 20)) - {1, 2, 6, 15} <= sizes, sizes
    assert 77 not in sizes
    types = {row["type"] for row in listing.rows}
    assert {"Tensor", "Wrapper", "Array", "Parameter"} <= types
    groups = {(group["kind"], group["type"]) for group in listing.content["groups"]}
    assert ("module", "Module") in groups


def test_details_and_devices_call_nothing(
    hostile: None, kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    listing = caller.list()
    for row in listing.rows:
        reply = caller.ask("tensor", id=row["id"])
        assert reply.head["ok"], (row["name"], reply.content)
        assert probe("calls") == [], row["name"]
    caller.devices()
    assert probe("calls") == []


def test_values_call_nothing_either(
    hostile: None, kernel: LiveKernel, caller: Caller, probe: Probe
) -> None:
    listing = caller.list()
    for row in listing.rows:
        for values in ("summary", "slice", "image"):
            caller.ask("tensor", id=row["id"], values=values)
            assert probe("calls") == [], (row["name"], values)


def test_every_counter_counts(hostile: None, kernel: LiveKernel, probe: Probe) -> None:
    """Otherwise the tests above would prove nothing."""
    kernel.run("""
isinstance(a_list, Thing); repr(Thing); a_dict.keys(); a_list.__len__(); a_tuple.__iter__(); a_list == 3
tensor.shape; tensor.grad; array.shape; slotted.missing; slotted.a_property; lying.__dict__; Thing == 3
slotted.descriptor; a_set.__bool__(); a_list.__class__; plain['thing'].x
None
""")
    noted = set(probe("calls"))
    assert {"Meta.__instancecheck__", "Meta.__repr__", "keys", "__len__", "__iter__", "__eq__",
            "tensor.shape", "tensor.grad", "array.shape", "__getattr__", "a_property", "__dict__",
            "descriptor.__get__", "__bool__", "__class__", "__getattribute__", "Meta.__eq__",
            } <= noted, noted  # fmt: skip


DYING = """
import threading, torch, collections
main = threading.main_thread()
wrong, deaths = [], 0
class Mortal:
    def __init__(self): self.t = torch.ones(1); self.me = self.t
    def method(self): pass
    def __del__(self):
        global deaths
        deaths += 1
        if threading.current_thread() is not main: wrong.append(1)
class Slotted:
    __slots__ = ("inner",)
    def __init__(self): self.inner = Mortal()
    def __del__(self): Mortal.__del__(self)
class MortalTensor(torch.Tensor):
    def __del__(self): Mortal.__del__(self)
class Key(tuple):
    def __del__(self): Mortal.__del__(self)
def closing():
    mortal = Mortal()
    def inner(): return mortal
    return inner
def generating():
    mortal = Mortal()
    yield mortal
def made():
    running = generating(); next(running)
    return [Mortal(), Slotted(), {"a": Mortal(), Key((1, 2)): torch.ones(1)}, (Mortal(),), {Mortal()}, closing(),
            Mortal().method, torch.ones(2).as_subclass(MortalTensor), running, iter([Mortal()]),
            collections.deque([Mortal()]), enumerate([Mortal()]),
            {"k": Mortal()}.values(), map(print, [Mortal()]), zip([Mortal()]), slice(Mortal()),
            MemoryError(Mortal()), frozenset([Mortal()]), Mortal().__init__, memoryview(b"x"),
            staticmethod(Mortal()), property(Mortal()), super(Mortal, Mortal()), {(Mortal(),): 1}]
"""

DYING_LOOP = """
import time
print("dying", flush=True)
until, turns = time.monotonic() + {seconds}, 0
while time.monotonic() < until:
    turns += 1
    things = made() * 3
    named = made()
    one, two, three, four, five, six, seven, eight, *rest = made()
    for _ in range(turns % 7): time.sleep(0)
    things.clear(); named = one = two = three = four = five = six = seven = eight = rest = None
    held = [Mortal() for _ in range(200)]
    while held: held.pop()
del things, named, held, one, two, three, four, five, six, seven, eight, rest
print(turns > 5, deaths > 1000, len(wrong))
"""


def test_nobody_dies_on_our_thread(kernel: LiveKernel, caller: Caller) -> None:
    kernel.run(DYING)
    cell = kernel.start(DYING_LOOP.format(seconds=4))
    kernel.wait_for_output(cell, "dying")
    with Onlooker(caller) as onlooker:
        outcome = kernel.finish(cell)
    assert outcome.error is None, outcome.error
    assert outcome.stdout.split()[-3:] == ["True", "True", "0"]
    assert len(onlooker.listings) > 3
