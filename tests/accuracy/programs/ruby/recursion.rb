#: type: SystemStackError
#: message: stack level too deep
#: frames: main depth^
class Node
  attr_accessor :parent

  def depth
    1 + parent.depth #@ depth depth
  end
end

root = Node.new
root.parent = root
puts root.depth #@ main <main>
