//: type: Multiline.InvalidOrder
//: type@17: Multiline$InvalidOrder
//: message: |-
//:   2 problems:
//:       at line 1: price is missing
//:       at line 3: quantity is "many"
//: frames: main check
public class Multiline {
    static class InvalidOrder extends RuntimeException {
        InvalidOrder(String... problems) {
            super(problems.length + " problems:\n    " + String.join("\n    ", problems));
        }
    }

    static void check() {
        throw new InvalidOrder("at line 1: price is missing", "at line 3: quantity is \"many\""); //@ check Multiline.check
    }

    public static void main(String[] args) {
        check(); //@ main Multiline.main
    }
}
