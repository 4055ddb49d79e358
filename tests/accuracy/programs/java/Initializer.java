//: chain:
//: - {type: java.lang.ExceptionInInitializerError, message: "", frames: main}
//: - {type: java.lang.RuntimeException, message: SHOP_REGION is not set, frames: clinit required}
public class Initializer {
    static class Region {
        static final String NAME = required("SHOP_REGION"); //@ clinit Initializer$Region.<clinit>

        static String required(String name) {
            String value = System.getenv(name);
            if (value == null) throw new RuntimeException(name + " is not set"); //@ required Initializer$Region.required
            return value;
        }
    }

    public static void main(String[] args) {
        System.out.println(Region.NAME); //@ main Initializer.main
    }
}
