//: type: scala.MatchError
//: message: "Refunded(17) (of class Refunded)"
//: frames: "match_error.scala::Shop.main main ... apply^ label"
sealed trait State
case class Paid(order: Int) extends State
case class Refunded(order: Int) extends State

object Shop {
  def label(state: State): String = state match { //@ label Shop$.label
    case Paid(order) if order > 0 => s"paid $order"
  }

  def main(args: Array[String]): Unit = {
    val states = List(Paid(3), Refunded(17))
    states.map(s => label(s)).foreach(println) //@ main Shop$.main; apply Shop$$anonfun$main$1.apply
  }
}
