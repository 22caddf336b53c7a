import warnings
warnings.simplefilter("error")
warnings.warn("made an error", DeprecationWarning)
