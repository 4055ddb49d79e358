#: type: SyntaxError
#: message: "/srv/shop/prices.rb:6: syntax error, unexpected end-of-input, expecting `end'"
#: frames: main relative
#: blame: broken
#: run: ruby {dir}/main.rb
require_relative "prices" #@ main <main>; relative require_relative

puts Prices.tax(3)
