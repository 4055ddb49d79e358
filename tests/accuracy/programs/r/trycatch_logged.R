#: type: null
#: message: "order 17 has 2 problems:\n  price is missing\n  quantity is negative"
#: run: {"4.2": "Rscript --vanilla {file}"}
#: blame: none
check <- function(order) {
  stop(sprintf("order %d has 2 problems:\n  price is missing\n  quantity is negative", order))
}

tryCatch(
  check(17L),
  error = function(e) {
    message(format(Sys.time(), "%Y-%m-%d %H:%M:%S"), " ERROR import failed")
    print(e)
  }
)
