#: type: null
#: message: cannot open the connection
#: frames: ... main load ...
load_rates <- function(name) {
  lines <- readLines(file.path("/srv/data", name)) #@ load load_rates
  as.numeric(lines)
}

rates <- load_rates("rates.txt") #@ main
print(rates)
