#: type: null
#: message: price is missing
#: run: {script: "Rscript --vanilla {file}", traceback: "Rscript -e 'options(keep.source = TRUE, error = function() { traceback(2); quit(status = 1) }); source(\"{file}\")'"}
#: frames@traceback: ... main checkout total ...
#: blame@script: none
#: note: without a traceback R names functions only
total <- function(cart) {
  if (is.null(cart$price)) {
    stop("price is missing") #@ total total
  }
  cart$price * 2
}

checkout <- function(cart) {
  sum <- total(cart) #@ checkout checkout
  list(total = sum)
}

done <- checkout(list(sku = "A-1")) #@ main
print(done)
