"""pluggy: hooks, wrappers, order."""
import pluggy

spec, impl = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")


class Spec:
    @spec
    def collect(self, arg):
        """All results."""

    @spec(firstresult=True)
    def decide(self, arg):
        """The first result."""


class A:
    @impl
    def collect(self, arg):
        return arg + 1

    @impl(trylast=True)
    def decide(self, arg):
        return "A"


class B:
    @impl(tryfirst=True)
    def collect(self, arg):
        return arg * 2

    @impl
    def decide(self, arg):
        return "B" if arg else None


class W:
    @impl(wrapper=True)
    def collect(self, arg):
        return [x * 10 for x in (yield)]


pm = pluggy.PluginManager("demo")
pm.add_hookspecs(Spec)
pm.register(A())
b = B()
pm.register(b)
assert pm.hook.collect(arg=5) == [10, 6] and pm.hook.decide(arg=1) == "B" and pm.hook.decide(arg=0) == "A"
pm.register(W())
assert pm.hook.collect(arg=5) == [100, 60]
pm.unregister(b)
assert pm.hook.collect(arg=5) == [60] and pm.hook.decide(arg=1) == "A"
pm.check_pending()
