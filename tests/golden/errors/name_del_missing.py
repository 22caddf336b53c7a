del never_there
