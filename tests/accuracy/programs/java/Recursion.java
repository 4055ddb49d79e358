//: type: java.lang.StackOverflowError
//: message: ""
//: frames: depth^
public class Recursion {
    private final Recursion parent;

    Recursion(Recursion parent) {
        this.parent = parent == null ? this : parent;
    }

    int depth() {
        return 1 + parent.depth(); //@ depth Recursion.depth
    }

    public static void main(String[] args) {
        System.out.println(new Recursion(null).depth());
    }
}
