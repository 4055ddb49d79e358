//: chain:
//: - {type: java.lang.RuntimeException, message: profile of ada cannot be shown, frames: "future_cause.scala::Shop.main main show"}
//: - {type: java.lang.IllegalArgumentException, message: "requirement failed: age must be positive", frames: show2 age ...}
object Shop {
  def age(text: String): Int = {
    val years = text.toInt
    require(years > 0, "age must be positive") //@ age Shop$.age
    years
  }

  def show(user: String): Int = {
    try {
      age("-3") //@ show2 Shop$.show
    } catch {
      case e: IllegalArgumentException =>
        throw new RuntimeException(s"profile of $user cannot be shown", e) //@ show Shop$.show
    }
  }

  def main(args: Array[String]): Unit = {
    println(show("ada")) //@ main Shop$.main
  }
}
