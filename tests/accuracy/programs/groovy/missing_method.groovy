//: type: java.lang.NullPointerException
//: message: Cannot invoke method length() on null object
//: frames: ... main ... total ... closure ... label
class Cart {
    List lines = []

    int total() {
        lines.collect { line -> label(line) }.size() //@ total Cart.total; closure Cart$_total_closure1.doCall
    }

    int label(Map line) {
        line.name.length() //@ label Cart.label
    }
}

println new Cart(lines: [[sku: 'A-1']]).total() //@ main missing_method.run
