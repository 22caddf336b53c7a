type Alias = missing_type
Alias.__value__
