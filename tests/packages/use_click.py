"""click: a command group run through its test runner."""
import click
from click.testing import CliRunner


@click.group()
@click.option("--debug/--no-debug", default=False)
@click.pass_context
def cli(ctx, debug):
    ctx.obj = {"debug": debug}


@cli.command()
@click.argument("name")
@click.option("--count", default=1, type=click.IntRange(1, 5), help="How often.")
@click.pass_obj
def hello(obj, name, count):
    for _ in range(count):
        click.echo(f"Hello {name}!" + (" (debug)" if obj["debug"] else ""))


@cli.command()
@click.option("--kind", type=click.Choice(["a", "b"]), required=True)
def pick(kind):
    click.secho(kind, fg="red")


runner = CliRunner()
result = runner.invoke(cli, ["--debug", "hello", "Taipan", "--count", "2"])
assert result.exit_code == 0 and result.output == "Hello Taipan! (debug)\n" * 2, result.output
result = runner.invoke(cli, ["hello", "x", "--count", "9"])
assert result.exit_code == 2 and "is not in the range 1<=x<=5" in result.output, result.output
assert "How often." in runner.invoke(cli, ["hello", "--help"]).output
assert runner.invoke(cli, ["pick", "--kind", "a"]).output == "a\n"
assert "Missing option '--kind'" in runner.invoke(cli, ["pick"]).output
