//: type: java.lang.IndexOutOfBoundsException
//: message: Index 3 out of bounds for length 1
//: frames: main init bridge anonymous ...
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

public class Inner {
    class Page {
        final String first;

        Page(List<String> rows) {
            Supplier<String> row = new Supplier<>() { //@ bridge Inner$Page$1.get
                @Override
                public String get() {
                    return rows.get(3); //@ anonymous Inner$Page$1.get
                }
            };
            first = row.get(); //@ init Inner$Page.<init>
        }
    }

    public static void main(String[] args) {
        new Inner().new Page(new ArrayList<>(List.of("a"))); //@ main Inner.main
    }
}
