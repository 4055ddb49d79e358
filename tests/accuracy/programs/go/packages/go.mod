module shop

go 1.19

require github.com/acme/retry v1.0.0
