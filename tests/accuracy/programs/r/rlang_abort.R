#: type: null
#: message: price is missing
#: run: {"4.2": "Rscript --vanilla {file}"}
#: blame: none
#: note: rlang's tree names calls, no places
library(rlang)

total <- function(cart) {
  abort("price is missing", class = "shop_error", sku = cart$sku)
}

checkout <- function(cart) {
  total(cart)
}

options(rlang_backtrace_on_error = "full")
checkout(list(sku = "A-1"))
