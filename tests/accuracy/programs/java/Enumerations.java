//: type: java.lang.IllegalArgumentException
//: message: "no status: lost"
//: frames: main bridge status
interface Reader<T> {
    T read(String text);
}

public class Enumerations {
    enum Status {
        SENT,
        PAID
    }

    static class StatusReader implements Reader<Status> { //@ bridge Enumerations$StatusReader.read
        @Override
        public Status read(String text) {
            if (text.equals("lost")) throw new IllegalArgumentException("no status: " + text); //@ status Enumerations$StatusReader.read
            return Status.SENT;
        }
    }

    public static void main(String[] args) {
        Reader<Status> reader = new StatusReader();
        System.out.println(reader.read("lost")); //@ main Enumerations.main
    }
}
