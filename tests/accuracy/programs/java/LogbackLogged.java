//: chain:
//: - {type: java.lang.RuntimeException, message: invoice 17 was not sent, frames: main send}
//: - {type: java.net.ConnectException, message: Connection refused, frames: send2 ...}
//: run: {"17": "java -cp 'classes:/usr/share/java/slf4j-api.jar:/usr/share/java/logback-classic.jar:/usr/share/java/logback-core.jar' LogbackLogged"}
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class LogbackLogged {
    private static final Logger log = LoggerFactory.getLogger(LogbackLogged.class);

    static void send(int invoice) {
        try (Socket socket = new Socket("127.0.0.1", 9)) { //@ send2 LogbackLogged.send
            socket.getOutputStream().write(invoice);
        } catch (java.io.IOException e) {
            throw new RuntimeException("invoice " + invoice + " was not sent", e); //@ send LogbackLogged.send
        }
    }

    public static void main(String[] args) {
        log.info("sending");
        try {
            send(17); //@ main LogbackLogged.main
        } catch (RuntimeException e) {
            log.error("sending failed", e);
        }
    }
}
