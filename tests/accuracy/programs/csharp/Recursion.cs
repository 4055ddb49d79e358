//: type: System.InsufficientExecutionStackException
//: message: menu is nested too deep
//: frames: main walk^ last deep
//: note: mono gives a conditional throw the place where the next statement would be
using System;

namespace Shop
{
    public class Menu
    {
        public int Depth(int level)
        {
            Check(level); //@ last Shop.Menu.Depth
            return Depth(level + 1) + 1; //@ walk Shop.Menu.Depth
        }

        static void Check(int level)
        {
            if (level > 12) throw new InsufficientExecutionStackException("menu is nested too deep");
        } //@ deep Shop.Menu.Check

        public static void Main()
        {
            Console.WriteLine(new Menu().Depth(0)); //@ main Shop.Menu.Main
        }
    }
}
