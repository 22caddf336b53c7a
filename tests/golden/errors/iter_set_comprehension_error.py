{x.missing for x in [1]}
