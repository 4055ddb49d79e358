//: chain:
//: - {type: java.lang.reflect.InvocationTargetException, message: "", frames: main ...}
//: - {type: java.lang.ClassCastException, message: "class java.lang.String cannot be cast to class java.lang.Integer (java.lang.String and java.lang.Integer are in module java.base of loader 'bootstrap')", frames: count}
public class Reflective {
    public static int count(Object value) {
        return (Integer) value; //@ count Reflective.count
    }

    public static void main(String[] args) throws Exception {
        Reflective.class.getMethod("count", Object.class).invoke(null, "three"); //@ main Reflective.main
    }
}
