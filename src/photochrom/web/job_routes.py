"""Handlers of jobs: send many pictures, ask how far they are, take one ZIP."""

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from photochrom.image import Limits
from photochrom.inference import zoo
from photochrom.web.jobs import Job, Jobs
from photochrom.web.options import Options, parse
from photochrom.web.problems import Problem
from photochrom.web.service import Service
from photochrom.web.uploads import Upload, read_fields, read_file, read_query


class JobRoutes:
    """Handlers of the paths of jobs."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.jobs = Jobs(service.settings)

    def close(self) -> None:
        """Stop all jobs."""
        self.jobs.clear()

    def job(self, request: Request) -> Job:
        """Find the job that a request names; raises `Problem` 410."""
        return self.jobs.get(request.path_params["name"])

    async def create(self, request: Request) -> Response:
        """Make a job without pictures."""
        options = parse(await read_fields(request, self.service.settings), zoo.DEFAULT)
        if options.hints:
            raise Problem(422, "hints are for one picture, not for all of a job")
        self.service.find(options)
        job = Job(options, self._colorize, self.service.settings)
        name = self.jobs.add(job)
        body = {"id": name, **job.describe()}
        return JSONResponse(body, 201, {"Location": f"/v1/jobs/{name}"})

    async def add(self, request: Request) -> Response:
        """Add a picture to a job."""
        job, fields = self.job(request), read_query(request)
        if unknown := fields.keys() - {"filename"}:
            raise Problem(422, f"there is no option {min(unknown)!r} here; the job has them")
        job.check_room()
        path, allowed = job.upload_path(), self.service.settings
        job.arriving += 1
        try:
            await read_file(request, path, allowed, "picture")
            picture = job.add(path, fields.get("filename", ""))
        finally:
            job.arriving -= 1
            path.unlink(missing_ok=True)
        return JSONResponse({"name": picture.name, "state": picture.state}, 202)

    async def status(self, request: Request) -> Response:
        """Say how far a job is."""
        return JSONResponse(self.job(request).describe())

    async def file(self, request: Request) -> Response:
        """Give the pictures of a job that could be coloured, in a ZIP."""
        job = self.job(request)
        said = job.describe()
        if said["state"] != "done":
            raise Problem(409, f"the job is {said['state']}; take the ZIP when its state is done")
        if not said["done"]:
            raise Problem(409, "none of the pictures could be coloured; the job says why")
        path = await asyncio.to_thread(job.archive)
        return FileResponse(path, media_type="application/zip", filename="photochrom.zip")

    async def remove(self, request: Request) -> Response:
        """Stop a job and forget it."""
        self.jobs.remove(request.path_params["name"])
        return Response(status_code=204)

    async def _colorize(self, data: bytes, options: Options) -> bytes:
        def work(limits: Limits) -> bytes:
            return self.service.encoded(Upload(data, {}), options, limits)[0]

        made = await self.service.run(work, None, large=True)
        self.service.counts["pictures"] += 1
        return made
