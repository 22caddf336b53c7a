from os import path as 3
