//: chain:
//: - {type: java.io.IOException, message: disk is full, frames: main write}
//: - {type: java.lang.IllegalStateException, message: ledger was not flushed, frames: main2 close}
//: blame: write
import java.io.IOException;

public class Suppressed {
    static class Ledger implements AutoCloseable {
        void write(String line) throws IOException {
            throw new IOException("disk is full"); //@ write Suppressed$Ledger.write
        }

        @Override
        public void close() {
            throw new IllegalStateException("ledger was not flushed"); //@ close Suppressed$Ledger.close
        }
    }

    public static void main(String[] args) throws Exception {
        try (Ledger ledger = new Ledger()) { //@ main2 Suppressed.main
            ledger.write("3 EUR"); //@ main Suppressed.main
        }
    }
}
