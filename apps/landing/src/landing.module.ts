import { Module, type DynamicModule } from '@nestjs/common';
import { AuthService } from './auth-service.js';
import { HttpAuthService } from './auth-service.client.js';
import { CheckReadiness } from './check-readiness.usecase.js';
import { Answers } from './http/answer.js';
import { LandingController } from './landing.controller.js';
import { OpenLink } from './open-link.usecase.js';
import type { Settings } from './settings.js';

/** Composition root: which settings go where, and who fills the AuthService port. */
@Module({})
export class LandingModule {
  static with(settings: Settings, decodeTimeoutMs?: number): DynamicModule {
    const authService = new HttpAuthService({
      url: settings.authServiceUrl,
      username: settings.authServiceUsername,
      password: settings.authServicePassword,
      ...(decodeTimeoutMs === undefined ? {} : { timeoutMs: decodeTimeoutMs }),
    });
    return {
      module: LandingModule,
      controllers: [LandingController],
      providers: [
        { provide: AuthService, useValue: authService },
        { provide: OpenLink, useFactory: (service: AuthService) => new OpenLink(service), inject: [AuthService] },
        {
          provide: CheckReadiness,
          useFactory: (service: AuthService) => new CheckReadiness(service),
          inject: [AuthService],
        },
        { provide: Answers, useValue: new Answers({ institution: settings.name, contact: settings.contact }) },
      ],
    };
  }
}
