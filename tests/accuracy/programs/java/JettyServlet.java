//: type: java.lang.ArrayIndexOutOfBoundsException
//: message: Index 2 out of bounds for length 2
//: frames: "... service column"
//: run: {"17": "java -cp 'classes:/usr/share/java/servlet-api.jar:/usr/share/java/jetty9-server.jar:/usr/share/java/jetty9-servlet.jar:/usr/share/java/jetty9-util.jar:/usr/share/java/jetty9-http.jar:/usr/share/java/jetty9-io.jar:/usr/share/java/jetty9-security.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-simple.jar' JettyServlet"}
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletHandler;

public class JettyServlet {
    public static class Export extends HttpServlet {
        static String column(String row, int index) {
            return row.split(",")[index]; //@ column JettyServlet$Export.column
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
            response.getWriter().print(column("tea,3", 2)); //@ service JettyServlet$Export.doGet
        }
    }

    public static void main(String[] args) throws Exception {
        Server server = new Server(0);
        ServletHandler handler = new ServletHandler();
        handler.addServletWithMapping(Export.class, "/export");
        server.setHandler(handler);
        server.start();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        try {
            new java.net.URL("http://127.0.0.1:" + port + "/export").openStream().close();
        } catch (java.io.IOException e) {
            System.out.println("the client saw a 500");
        }
        server.stop();
    }
}
