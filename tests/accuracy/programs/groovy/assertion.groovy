//: type: null
//: message: "Assertion failed:"
//: frames: ... main ... balance
def balance(Map account) {
    assert account.in == account.out //@ balance assertion.balance
    account.in
}

balance(in: 3, out: 4) //@ main assertion.run
