import { AuthService } from './auth-service.js';

/** The landing is of use exactly as long as the service that decides can be asked. */
export class CheckReadiness {
  constructor(private readonly authService: AuthService) {}

  async execute(): Promise<'ready' | 'auth-service-unreachable'> {
    return (await this.authService.isAlive()) ? 'ready' : 'auth-service-unreachable';
  }
}
