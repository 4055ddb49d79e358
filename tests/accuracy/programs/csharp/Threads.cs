//: type: System.NotSupportedException
//: message: Collection is read-only.
//: frames: ... work ...
using System;
using System.Collections.Generic;
using System.Threading;

namespace Shop
{
    public class Worker
    {
        readonly IList<string> names = new List<string>().AsReadOnly();

        public void Work()
        {
            names.Add("ada"); //@ work Shop.Worker.Work
        }
    }

    public static class Program
    {
        public static void Main()
        {
            var thread = new Thread(new Worker().Work) { Name = "import-3" };
            thread.Start();
            thread.Join();
        }
    }
}
