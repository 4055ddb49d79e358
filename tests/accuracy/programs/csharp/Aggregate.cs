//: chain:
//: - {type: System.ArgumentOutOfRangeException, message: region is out of range, frames: ... lambda ask}
//: - {type: System.AggregateException, message: "One or more errors occurred. (region is out of range\nParameter name: region\nActual value was 2.)", frames: main ...}
//: - {frames: ... lambda ask}
//: chain@net:
//: - {type: System.ArgumentOutOfRangeException, message: region is out of range (Parameter 'region'), frames: ... lambda asked}
//: - {type: System.AggregateException, message: "One or more errors occurred. (region is out of range (Parameter 'region')\nActual value was 2.)", frames: main ...}
//: note: mono gives a conditional throw the place where the next statement would be
using System;
using System.Threading.Tasks;

namespace Shop
{
    public static class Program
    {
        static int Ask(int region)
        {
            if (region > 1) throw new ArgumentOutOfRangeException("region", region, "region is out of range");
            return region; //@ asked Shop.Program.Ask
        } //@ ask Shop.Program.Ask

        public static void Main()
        {
            Task.WaitAll(Task.Run(() => Ask(1)), Task.Run(() => Ask(2))); //@ main Shop.Program.Main; lambda Shop.Program.<Main>m__1
        }
    }
}
