package policy

default create_container := false
