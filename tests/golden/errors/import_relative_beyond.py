from ... import thing
