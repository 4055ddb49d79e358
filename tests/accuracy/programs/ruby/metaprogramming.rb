#: type: NameError
#: message: "undefined local variable or method `discount' for #<Cart total=3>"
#: frames: main send block
class Cart
  def self.rule(name, &body)
    define_method(name, &body)
  end

  rule(:reduced) { 3 - discount } #@ block block in <class:Cart>

  def inspect
    "#<Cart total=3>"
  end
end

Cart.new.public_send(:reduced) #@ main <main>; send public_send
