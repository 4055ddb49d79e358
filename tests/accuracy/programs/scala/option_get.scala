//: type: java.util.NoSuchElementException
//: message: None.get
//: frames: "option_get.scala::Shop.main main newest ..."
object Shop {
  def newest(orders: Map[String, Int]): Int = {
    orders.get("latest").get //@ newest Shop$.newest
  }

  def main(args: Array[String]): Unit = {
    println(newest(Map.empty)) //@ main Shop$.main
  }
}
