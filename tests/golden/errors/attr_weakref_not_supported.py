import weakref
weakref.ref(3)
