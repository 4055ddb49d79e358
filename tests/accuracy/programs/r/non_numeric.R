#: type: null
#: message: non-numeric argument to binary operator
#: frames: ... main share
share <- function(total, parts) {
  total / parts #@ share share
}

half <- share("twelve", 2) #@ main
print(half)
