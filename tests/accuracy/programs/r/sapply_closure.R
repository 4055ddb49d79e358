#: type: null
#: message: subscript out of bounds
#: frames: ... main names ... closure
rates <- list(EUR = 1.0)

names_of <- function(pairs) {
  sapply(pairs, function(pair) { #@ names names_of
    rates[[pair]][[2]] #@ closure
  })
}

found <- names_of(c("EUR", "XAU")) #@ main
print(found)
