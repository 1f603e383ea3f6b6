package conformance
import ("testing";"fmt";"os"
"github.com/elasticctl/elasticctl/conformance/oracle"
"github.com/elasticctl/elasticctl/conformance/random")
func TestTmp(t *testing.T){
 var c Coverage
 for i:=uint64(1);i<=30;i++{
  t.Run(fmt.Sprint(i),func(t *testing.T){
   text:=random.Scenario(i,400)
   s,err:=oracle.Parse(text); if err!=nil{t.Fatal(err)}
   c.Add(oracle.Run(t,s))
  })
 }
 c.Print(os.Stdout)
}
