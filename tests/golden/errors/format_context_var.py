import contextvars
contextvars.ContextVar("v").get()
