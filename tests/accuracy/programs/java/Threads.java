//: type: java.lang.UnsupportedOperationException
//: message: ""
//: frames: ... run add ...
import java.util.List;

public class Threads implements Runnable {
    private final List<String> names = List.of("ada");

    void add(String name) {
        names.add(name); //@ add Threads.add
    }

    @Override
    public void run() {
        add("eve"); //@ run Threads.run
    }

    public static void main(String[] args) throws InterruptedException {
        Thread thread = new Thread(new Threads(), "import worker-3");
        thread.start();
        thread.join();
    }
}
