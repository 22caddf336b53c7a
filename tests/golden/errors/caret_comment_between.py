x = (1 +  # one
     None  # none
     )
