//: type: java.util.NoSuchElementException
//: message: No value present
//: frames: main newest ...
//: run: {"17": "java -cp 'classes:/usr/share/java/log4j-api.jar:/usr/share/java/log4j-core.jar' Log4jLogged"}
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

public class Log4jLogged {
    private static final Logger log = LogManager.getLogger();

    static String newest(Optional<String> order) {
        return order.orElseThrow(); //@ newest Log4jLogged.newest
    }

    public static void main(String[] args) {
        try {
            newest(Optional.empty()); //@ main Log4jLogged.main
        } catch (RuntimeException e) {
            log.error("no newest order", e);
        }
    }
}
