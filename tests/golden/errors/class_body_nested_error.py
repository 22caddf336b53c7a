class A:
    class B:
        class C:
            value = undefined_value
