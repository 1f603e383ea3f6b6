package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// others lists what a function of package math becomes.
var others = map[string][]string{
	"Ceil":  {"Floor", "Round"},
	"Floor": {"Ceil", "Round"},
	"Round": {"Floor", "Ceil"},
	"Trunc": {"Floor", "Ceil"},
	"Max":   {"Min"},
	"Min":   {"Max"},
	// Nothing in its place.
	"Abs": {""},
}

// call notes what a call becomes: the other bound, another rounding.
func (c *collector) call(n *ast.CallExpr) {
	switch {
	case c.isBuiltin(n, "min"):
		c.replace(n.Fun.Pos(), n.Fun.End(), "max")
	case c.isBuiltin(n, "max"):
		c.replace(n.Fun.Pos(), n.Fun.End(), "min")
	}
	sel, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	function, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || function.Pkg() == nil {
		return
	}
	switch function.FullName() {
	case "(time.Duration).Round":
		c.replace(sel.Sel.Pos(), sel.Sel.End(), "Truncate")
	case "(time.Duration).Truncate":
		c.replace(sel.Sel.Pos(), sel.Sel.End(), "Round")
	}
	if function.Pkg().Path() == "math" {
		for _, other := range others[sel.Sel.Name] {
			if other == "" {
				c.replace(n.Fun.Pos(), n.Lparen, "")
				continue
			}
			c.replace(sel.Sel.Pos(), sel.Sel.End(), other)
		}
	}
}

// conversion notes other roundings where a float becomes an integer, and, where
// an integer is cut to fewer bits, the whole of it.
func (c *collector) conversion(n *ast.CallExpr) {
	if !c.info.Types[n.Fun].IsType() || len(n.Args) != 1 {
		return
	}
	arg := c.info.Types[n.Args[0]]
	from, ok := arg.Type.Underlying().(*types.Basic)
	to, is := c.info.TypeOf(n).Underlying().(*types.Basic)
	if !ok || !is || arg.Value != nil || to.Info()&types.IsInteger == 0 {
		return
	}
	switch {
	case from.Info()&types.IsFloat != 0 && c.imports("math"):
		for _, rounding := range []string{"Ceil", "Floor", "Round"} {
			c.replace(n.Args[0].Pos(), n.Args[0].End(), "math."+rounding+"("+c.code(n.Args[0])+")")
		}
	case from.Info()&types.IsInteger != 0 && sizes.Sizeof(from) > sizes.Sizeof(to):
		c.replace(n.Pos(), n.End(), "("+c.code(n.Args[0])+")")
	}
}

var sizes = types.SizesFor("gc", "amd64")

// imports says whether the file imports a package.
func (c *collector) imports(path string) bool {
	for _, spec := range c.tree.Imports {
		if spec.Path.Value == `"`+path+`"` {
			return true
		}
	}
	return false
}

// assignment notes the opposite operation.
func (c *collector) assignment(n *ast.AssignStmt) {
	if len(n.Lhs) != 1 || !c.isNumber(n.Lhs[0]) {
		return
	}
	c.token(n.TokPos, n.Tok, map[token.Token]token.Token{
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
		token.MUL_ASSIGN: token.QUO_ASSIGN, token.QUO_ASSIGN: token.MUL_ASSIGN, token.REM_ASSIGN: token.QUO_ASSIGN,
		token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN,
		token.AND_ASSIGN: token.OR_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN,
	})
}

// cases notes each value of a switch left out: it is an equality, too.
func (c *collector) cases(n *ast.SwitchStmt) {
	for _, stmt := range n.Body.List {
		clause := stmt.(*ast.CaseClause)
		for i, value := range clause.List {
			m := c.without(clause, i)
			m.before = "case " + singleSpaces(c.code(value)) + ":"
			m.after = "no case " + singleSpaces(c.code(value))
		}
	}
}

// without leaves out the i-th value of a clause, and with the last one all of
// it.
func (c *collector) without(clause *ast.CaseClause, i int) *mutant {
	list := clause.List
	switch {
	case len(list) == 1:
		return c.replace(clause.Pos(), clause.End(), "")
	case i == 0:
		return c.replace(list[0].Pos(), list[1].Pos(), "")
	default:
		return c.replace(list[i-1].End(), list[i].End(), "")
	}
}
